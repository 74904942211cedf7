/** As much of a browser as the benchmark needs: cookies, a sign-in form, and a client that asks for access. */
import { createHash } from 'node:crypto';

const REDIRECT_URI = 'http://127.0.0.1:8765/callback';
const VERIFIER = 'the-code-verifier-of-the-benchmark-0123456789';

/** One person with one browser. */
export class PageVisit {
  readonly #cookies = new Map<string, string>();
  #formToken = '';

  constructor(private readonly issuer: string) {}

  /** Gets a page, which must answer 200; a path or a whole address. */
  async get(path: string): Promise<string> {
    const response = await this.#fetch(path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return text;
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#takeFormToken('/login');
    await this.post('/login', { email, password });
    await this.#takeFormToken('/account');
  }

  /** Posts a form, which must answer with a redirect. */
  async post(path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const body = new URLSearchParams({ ...fields, csrf_token: this.#formToken });
    const response = await this.#fetch(path, { method: 'POST', body });
    const text = await response.text();
    if (response.status !== 303) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
  }

  /** Registers a client and asks for access. @returns the address of the consent page */
  async authorize(): Promise<string> {
    return this.ask(await this.register());
  }

  /** @returns the id of a new public client */
  async register(): Promise<string> {
    const registered = await this.#fetch('/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Benchmark',
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: 'none',
      }),
    });
    return ((await registered.json()) as { client_id: string }).client_id;
  }

  /** Asks for access. @returns the address of the consent page */
  async ask(client_id: string): Promise<string> {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri: REDIRECT_URI,
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
      resource: 'http://localhost:3001/mcp',
      state: 'state',
    });
    return this.#redirected(await this.#fetch(`/authorize?${query}`));
  }

  /** Allows access in the first organization of a consent page, and exchanges the code. @returns the access token */
  async allow(consentPage: string, client_id: string): Promise<string> {
    const html = await this.get(consentPage);
    const csrf_token = /name="csrf_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const organization_id = /\bvalue="(org_[^"]+)"/.exec(html)?.[1] ?? '';
    const decision = new URLSearchParams({ csrf_token, organization_id, decision: 'approve' });
    const resume = this.#redirected(await this.#fetch(consentPage, { method: 'POST', body: decision }));
    const code = new URL(this.#redirected(await this.#fetch(resume))).searchParams.get('code') ?? '';
    const own = { client_id, redirect_uri: REDIRECT_URI, code, code_verifier: VERIFIER };
    const body = new URLSearchParams({ grant_type: 'authorization_code', ...own });
    const answer = (await (await this.#fetch('/token', { method: 'POST', body })).json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(`No token: ${JSON.stringify(answer)}`);
    return answer.access_token;
  }

  #redirected(response: Response): string {
    const location = response.headers.get('location');
    if (!location) throw new Error(`${response.url} answered ${response.status} and not with a redirect.`);
    return new URL(location, this.issuer).href;
  }

  async #takeFormToken(path: string): Promise<void> {
    this.#formToken = /name="csrf_token" value="([^"]+)"/.exec(await this.get(path))?.[1] ?? '';
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(path, this.issuer), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
    }
    return response;
  }
}

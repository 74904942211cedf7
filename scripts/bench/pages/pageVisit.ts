/** As much of a browser as the benchmark needs: cookies, a sign-in form, and a client that asks for access. */
import { createHash } from 'node:crypto';

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
    const redirect_uri = 'http://127.0.0.1:8765/callback';
    const registered = await this.#fetch('/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Benchmark',
        redirect_uris: [redirect_uri],
        token_endpoint_auth_method: 'none',
      }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      code_challenge: createHash('sha256').update('benchmark').digest('base64url'),
      code_challenge_method: 'S256',
      resource: 'http://localhost:3001/mcp',
      state: 'state',
    });
    const response = await this.#fetch(`/authorize?${query}`);
    const location = response.headers.get('location');
    if (!location) throw new Error(`The authorization request answered ${response.status}.`);
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

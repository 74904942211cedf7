/** The operator's backend: an admin client that holds every request and answer against the server's own OpenAPI document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ADMIN_CLIENTS, adminToken } from './adminClient.js';
import { type Answer, request } from './client.js';
import type { TestServer } from './server.js';

/** config/default.json with an admin client. */
export const ADMIN_CONFIG = {
  resources: [
    {
      indicator: 'http://localhost:3001/mcp',
      name: 'Demo MCP server',
      scopes: { 'mcp:read': 'Read the notes of the organization' },
      defaultScopes: ['mcp:read'],
    },
  ],
  defaultResource: 'http://localhost:3001/mcp',
  resourceServers: [
    {
      clientId: 'demo-mcp-server',
      clientSecrets: ['demo-mcp-server-secret'],
      resources: ['http://localhost:3001/mcp'],
    },
  ],
  adminClients: ADMIN_CLIENTS,
};

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: object;
}
interface Body {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface DescribedOperation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

type Query = Readonly<Record<string, string | number | undefined>>;
export interface Sent {
  readonly query?: Query;
  readonly body?: unknown;
}

export class AdminApi {
  /** Each operation with each status that it was answered with, e.g. `putAccount 201`. */
  readonly seen = new Set<string>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor(
    readonly server: TestServer,
    readonly document: OpenApi,
    readonly token: string,
  ) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'openapi');
  }

  static async open(server: TestServer): Promise<AdminApi> {
    const [token, document] = await Promise.all([adminToken(server), request(server.url('/admin/v1/openapi.json'))]);
    if (token.status !== 200) throw new Error(`No admin token: ${token.status} ${token.text}`);
    return new AdminApi(server, document.json as unknown as OpenApi, String(token.json.access_token));
  }

  get = (path: string, query: Query = {}): Promise<Answer> => this.#call('get', path, { query });
  put = (path: string, body: unknown): Promise<Answer> => this.#call('put', path, { body });
  delete = (path: string, query: Query = {}): Promise<Answer> => this.#call('delete', path, { query });

  /** Every item of a list, page by page. */
  async all(path: string, query: Query = {}, between: () => Promise<unknown> = async () => undefined) {
    const items: Record<string, unknown>[] = [];
    let cursor: string | undefined;
    do {
      const { status, json, text } = await this.get(path, { ...query, cursor });
      if (status !== 200) throw new Error(text);
      items.push(...(json.items as Record<string, unknown>[]));
      cursor = json.nextCursor as string | undefined;
      if (cursor !== undefined) await between();
    } while (cursor !== undefined);
    return items;
  }

  async #call(method: string, path: string, { query = {}, body }: Sent): Promise<Answer> {
    const url = new URL(this.server.url(`/admin/v1${path}`));
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const answer = await request(url, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.#hold(method, path, { query, body }, answer);
    return answer;
  }

  /** @throws when request or answer is not what the document says */
  #hold(method: string, path: string, { query = {}, body }: Sent, answer: Answer): void {
    const place = Object.keys(this.document.paths).find((one) =>
      new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    const described = place === undefined ? undefined : this.document.paths[place]?.[method];
    if (place === undefined || !described) throw new Error(`${method} ${path} is not described.`);
    const problems = [
      ...this.#parameterProblems(described, place, path, query),
      ...this.#bodyProblems(`${place}/${method}/requestBody`, described.requestBody, 'application/json', body),
    ];
    if (problems.length > 0 && answer.status < 400)
      throw new Error(`${method} ${path} was done and does not fit the document: ${problems.join(', ')}`);
    const response = described.responses[answer.status];
    if (!response) throw new Error(`${described.operationId} is not said to answer ${answer.status}: ${answer.text}`);
    const type = answer.status < 400 ? 'application/json' : 'application/problem+json';
    const sent = answer.text === '' ? undefined : (JSON.parse(answer.text) as unknown);
    const wrong = this.#bodyProblems(`${place}/${method}/${answer.status}`, response, type, sent);
    if (sent !== undefined && !answer.headers.get('content-type')?.startsWith(type)) wrong.push('content type');
    if (answer.headers.get('cache-control') !== 'no-store') wrong.push('can be cached');
    if (wrong.length > 0) throw new Error(`${described.operationId}: ${wrong.join(', ')} in ${answer.text}`);
    this.seen.add(`${described.operationId} ${answer.status}`);
  }

  #parameterProblems({ parameters }: DescribedOperation, place: string, path: string, query: Query): string[] {
    const parts = path.split('/');
    const inPath = Object.fromEntries(
      place.split('/').flatMap((part, n) => (part.startsWith('{') ? [[part.slice(1, -1), parts[n]]] : [])),
    );
    const given = Object.entries({ ...inPath, ...query }).filter(([, value]) => value !== undefined);
    return given.flatMap(([name, value]) => {
      const parameter = parameters.find((one) => one.name === name);
      if (!parameter) return [`the parameter ${name} is not described`];
      return this.#problems(`${place} ${name}`, parameter.schema, value).map((problem) => `${name}: ${problem}`);
    });
  }

  #bodyProblems(name: string, described: Body | undefined, type: string, body: unknown): string[] {
    const schema = described?.content?.[type]?.schema;
    if (!schema) return body === undefined ? [] : ['a body is not described'];
    return body === undefined ? ['the body is missing'] : this.#problems(name, schema, body);
  }

  #problems(name: string, schema: object, value: unknown): string[] {
    const { $ref } = schema as { $ref?: string };
    const validate =
      this.#validators.get(name) ?? this.#ajv.compile($ref === undefined ? schema : { $ref: `openapi${$ref}` });
    this.#validators.set(name, validate);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }
}

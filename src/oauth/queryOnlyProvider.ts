/**
 * A provider whose answers to clients go in the redirect's query, errors included, and name the issuer that the client began
 * with. The other response modes would put
 * them into the fragment, or into a page with an inline script, which the Content-Security-Policy forbids.
 */
import Provider, { type Configuration } from 'oidc-provider';
import type { AnswerClient, AnswerParameters } from './authorizationAnswer.js';
import { issuerOfAnswer } from './authorizationRequest.js';

type ResponseModeHandler = Parameters<Provider['registerResponseMode']>[1];

/** The library's provider, where every response mode is `query`. */
export class QueryOnlyProvider extends Provider {
  // Only declared: the library's constructor sets it, and a field of this class would be emptied after that.
  declare private queryHandler: ResponseModeHandler | undefined;

  /** @param answerClient is given each answer before the browser is sent away with it */
  constructor(
    issuer: string,
    configuration: Configuration,
    private readonly answerClient: AnswerClient,
  ) {
    super(issuer, configuration);
  }

  override registerResponseMode(name: string, handler: ResponseModeHandler): void {
    // The library registers `query` first.
    if (name === 'query') this.queryHandler = handler;
    const redirect = this.queryHandler ?? handler;
    super.registerResponseMode(name, async (ctx, redirectUri, payload) => {
      const parameters: AnswerParameters = { ...payload, iss: issuerOfAnswer(ctx) };
      await this.answerClient(ctx, redirectUri, parameters, () => redirect(ctx, redirectUri, { ...parameters }));
    });
  }
}

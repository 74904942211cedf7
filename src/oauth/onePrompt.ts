/** When the library asks the person: once for every authorization, sign-in and consent together. */
import { interactionPolicy } from 'oidc-provider';

/**
 * Every authorization asks the person once: sign-in and consent are one interaction of ours, which answers with the
 * account and the connection together. The library's own session never carries an account from one flow to the next.
 * @throws when the library's base policy is another one than it was
 */
export function onePrompt(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (!login || !consent) throw new Error('oidc-provider changed its base interaction policy');
  for (const prompt of [login, consent]) prompt.checks.clear();
  login.checks.add(
    new interactionPolicy.Check('unanswered', 'the person has not answered yet', 'login_required', (ctx) => {
      const answered = ctx.oidc.result?.login && ctx.oidc.result.consent;
      return answered ? interactionPolicy.Check.NO_NEED_TO_PROMPT : interactionPolicy.Check.REQUEST_PROMPT;
    }),
  );
  return policy;
}

/** Words about an address that holds credentials, for logs and messages. */

/**
 * Takes the credentials of a URI out of a text that may quote it.
 * @param text e.g. a driver's error message
 * @param uri the URI as it was configured
 */
export function withoutSecrets(text: string, uri: string): string {
  const userinfo = /^[^:]+:\/\/([^/?#]*)@/.exec(uri)?.[1];
  const password = userinfo?.slice(userinfo.indexOf(':') + 1);
  const secrets = [uri, userinfo, password, password && decoded(password)].filter((part) => part);
  return secrets.reduce<string>((rest, secret) => rest.replaceAll(secret ?? '', '…'), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

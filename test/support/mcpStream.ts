/** The request for a stream that the MCP SDKs send once they have connected, without waiting for its answer. */

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Notes when that request is answered. A test that went on before, an hour later or without a token, would have the SDK
 * authorize twice at once, on the same memory.
 * @param resource the MCP server's URL
 */
export function notingStream(resource: string): { fetch: Fetch; answered: Promise<void> } {
  let note: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    note = resolve;
  });
  return {
    answered,
    fetch: (url, init) => {
      const answer = fetch(url, init);
      if (init?.method === 'GET' && String(url) === new URL(resource).href) answer.then(note, note);
      return answer;
    },
  };
}

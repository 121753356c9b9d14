/** It could not be fetched just now: later it may be, and until then the server answers. */
export class DownloadFailed extends Error {}

/**
 * @param {string} url of our own origin @param {RequestInit} [options]
 * @returns {Promise<Blob>} all of it: a line that breaks midway is a failure, too
 * @throws {DownloadFailed} with the answer's status as its cause, if there was an answer
 */
export async function download(url, options) {
  const response = await fetch(url, { credentials: 'same-origin', ...options }).catch(() => null);
  if (!response?.ok) {
    throw new DownloadFailed(`${url} was answered with ${response?.status ?? 'nothing'}.`, { cause: response?.status });
  }
  return response.blob().catch(() => {
    throw new DownloadFailed(`${url} broke off.`);
  });
}

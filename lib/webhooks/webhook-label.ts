/** The audit's name for a webhook. Not its full URL, which may contain a key. */
export function webhookLabel({ url, description }: { url: string; description: string }): string {
  const { host } = new URL(url);
  return description === "" ? host : `${description} (${host})`;
}

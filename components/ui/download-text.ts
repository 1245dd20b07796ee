/** Saves text as a file. As a blob: a possible secret does not belong in a URL. */
export function downloadText(name: string, type: "text/csv" | "text/plain", text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

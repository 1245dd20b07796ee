/** Saves text as a file. By a blob: what may be a secret belongs in no address. */
export function downloadText(name: string, type: "text/csv" | "text/plain", text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Put before a name, as models have seen it elsewhere. */
const namespace = /^(functions|tools|default_api|multi_tool_use)[.:/]/;
/** What their templates put after it: the next part of the answer, or the count of the call. */
const rest = /<\|.*$|:\d+$/s;

/**
 * The name of a sent tool that a model means: one that differs only in case and separators, if no other tool can be
 * meant. Otherwise as the model wrote it: there is no such tool.
 */
export function sentName(name: string, sent: readonly string[]): string {
  if (sent.includes(name)) return name;
  const plain = name.trim().replace(rest, "").trim().replace(namespace, "");
  if (sent.includes(plain)) return plain;
  const wanted = loose(plain);
  const [only, ...others] = sent.filter((each) => loose(each) === wanted);
  return only !== undefined && others.length === 0 ? only : name;
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}

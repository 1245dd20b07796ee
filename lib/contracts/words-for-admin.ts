/** Text between these is quoted from a provider, a server or a model. */
const quoted = /(“[^”]*”)/;

/**
 * Messages are written for members, who can only ask an admin. An admin reads what to do.
 *
 * @param text as a member reads it; what it quotes stays as it is
 */
export function wordsForAdmin(text: string): string {
  return text
    .split(quoted)
    .map((part, at) => (at % 2 === 1 ? part : reworded(part)))
    .join("");
}

function reworded(text: string): string {
  return text
    .replace(/([Aa])sk an admin to (\w)/g, (_, a, verb) => (a === "A" ? verb.toUpperCase() : verb))
    .replace(/(Only )?([Aa])n admin can /g, (all, only, a) =>
      only ? all : a === "A" ? "You can " : "you can ",
    )
    .replace(/, or ask an admin(?=[.;])| Ask an admin\./g, "")
    .replace(/tell an admin(?=[.;])/g, "check the server log");
}

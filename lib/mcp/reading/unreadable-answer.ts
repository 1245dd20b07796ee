/** Something came in answer to a request, and it is no message that Usher can read. */
export class UnreadableAnswerError extends Error {
  /** After "It answered with", in Usher's own words. */
  readonly what: string;
  /** Of the request that it came in answer to. */
  readonly method: string;

  constructor(what: string, method: string) {
    super(what);
    this.name = "UnreadableAnswerError";
    this.what = what;
    this.method = method;
  }
}

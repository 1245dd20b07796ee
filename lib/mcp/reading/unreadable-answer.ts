/** Something was received in answer to a request, and it is not a message that Usher can read. */
export class UnreadableAnswerError extends Error {
  /** Follows "It answered with", in Usher's own words. */
  readonly what: string;
  /** Of the request that it answers. */
  readonly method: string;

  constructor(what: string, method: string) {
    super(what);
    this.name = "UnreadableAnswerError";
    this.what = what;
    this.method = method;
  }
}

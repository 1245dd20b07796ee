/** What was read of a stream to look at its beginning, and then the rest of it. */
export function joinedStream<Chunk>(
  chunks: readonly Chunk[],
  rest: ReadableStreamDefaultReader<Chunk>,
): ReadableStream<Chunk> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    async pull(controller) {
      const { done, value } = await rest.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => rest.cancel(reason),
  });
}

import { NotFoundError } from "@/lib/errors";

/** The same words for one that is somebody else's: nobody learns that it exists. */
export function conversationNotFound(): NotFoundError {
  return new NotFoundError("There is no such conversation. It may have been deleted.");
}

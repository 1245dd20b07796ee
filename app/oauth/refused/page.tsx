import { forbidden } from "next/navigation";

/** A callback that was not this person's, or not this browser's: answered with 403 and a message (forbidden.tsx). */
export default function RefusedPage(): never {
  forbidden();
}

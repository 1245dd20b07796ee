import { type EchoedHeaders, echoHeader, isEchoToken } from "@/lib/doctor/own-address";
import { NotFoundError } from "@/lib/errors";
import { handlePublic } from "@/lib/http/handle";

/** How the doctor's own request arrived. For anyone else this route does not exist. */
export const GET = handlePublic(
  async ({ app: { env, now }, request: { headers } }): Promise<EchoedHeaders> => {
    if (!isEchoToken(env, headers.get(echoHeader), now())) {
      throw new NotFoundError("There is nothing here.");
    }
    return {
      host: headers.get("host") ?? "",
      forwardedProto: headers.get("x-forwarded-proto") ?? "",
      forwardedHost: headers.get("x-forwarded-host") ?? "",
      forwardedFor: headers.get("x-forwarded-for") ?? "",
    };
  },
  { answersBeforeStart: true },
);

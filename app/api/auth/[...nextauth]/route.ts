import NextAuth from "next-auth";
import { app } from "@/lib/app";
import { clientAddress } from "@/lib/http/client-address";
import { authOptions } from "@/lib/session/auth-options";

type Context = { params: Promise<{ nextauth: string[] }> };

function handler(request: Request, context: Context) {
  const options = authOptions(app(), clientAddress(request.headers));
  return NextAuth(request as never, context as never, options);
}

export { handler as GET, handler as POST };

import NextAuth from "next-auth";
import { app } from "@/lib/app";
import { authOptions } from "@/lib/session/auth-options";

type Context = { params: Promise<{ nextauth: string[] }> };

function handler(request: Request, context: Context) {
  return NextAuth(request as never, context as never, authOptions(app()));
}

export { handler as GET, handler as POST };

/** Who is signed in, as far as the shell needs to know. */
export type Person = { name: string; email: string; role: "ADMIN" | "MEMBER" };

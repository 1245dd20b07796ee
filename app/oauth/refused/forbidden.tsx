import { Suspense } from "react";
import { AuthorizationRefused } from "@/components/connections/authorization-refused";

export default function Refused() {
  return (
    <main>
      <Suspense>
        <AuthorizationRefused />
      </Suspense>
    </main>
  );
}

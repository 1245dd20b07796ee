import { useEffect, useEffectEvent } from "react";
import {
  type AuthorizationCompleted,
  authorizationChannel,
  authorizationCompleted,
} from "@/lib/contracts/connections/connection";

/** Calls back when an authorization ended in another tab of this browser. */
export function useAuthorizationCompleted(callback: (completed: AuthorizationCompleted) => void) {
  const onCompleted = useEffectEvent(callback);
  useEffect(() => {
    const channel = new BroadcastChannel(authorizationChannel);
    channel.onmessage = (event: MessageEvent<unknown>) => {
      const message = authorizationCompleted.safeParse(event.data);
      if (message.success) onCompleted(message.data);
    };
    return () => channel.close();
  }, []);
}

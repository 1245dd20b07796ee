import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import type {
  DeliveryDetail,
  DeliveryPage,
  DeliveryState,
  WebhookInput,
  WebhookList,
  WebhookView,
  WebhookWithSecret,
} from "@/lib/contracts/webhooks";
import { fetchJson } from "./fetch-json";

const base = "/api/webhooks";
const of = (id: string) => `${base}/${encodeURIComponent(id)}`;
/** While a delivery is in progress, in ms. */
const againMs = 5_000;

export function webhooksQuery() {
  return queryOptions({
    queryKey: ["webhooks"],
    queryFn: ({ signal }) => fetchJson<WebhookList>(base, { signal }),
  });
}

export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: ["webhooks", id],
    queryFn: ({ signal }) => fetchJson<WebhookView>(of(id), { signal }),
  });
}

/** Newest first. @param state null: all */
export function deliveriesQuery(id: string, state: DeliveryState | null) {
  return infiniteQueryOptions({
    queryKey: ["webhooks", id, "deliveries", state],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({
        ...(state ? { state } : {}),
        ...(pageParam ? { after: pageParam } : {}),
      });
      return fetchJson<DeliveryPage>(`${of(id)}/deliveries?${query}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => {
      const isMoving = data?.pages[0]?.deliveries.some((each) => each.state === "pending");
      return isMoving && data?.pages.length === 1 ? againMs : false;
    },
  });
}

/** @param attempts when there is another one, its outcome is refetched */
export function deliveryQuery(id: string, deliveryId: string, attempts: number) {
  return queryOptions({
    queryKey: ["webhooks", id, "delivery", deliveryId, attempts],
    queryFn: ({ signal }) =>
      fetchJson<DeliveryDetail>(`${of(id)}/deliveries/${encodeURIComponent(deliveryId)}`, {
        signal,
      }),
  });
}

export function webhooksChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: webhooksQuery().queryKey });
}

/** The response contains the signing secret, once. */
export function createWebhook(input: WebhookInput): Promise<WebhookWithSecret> {
  return fetchJson(base, { method: "POST", body: input });
}

export function editWebhook(id: string, input: WebhookInput): Promise<WebhookView> {
  return fetchJson(of(id), { method: "PUT", body: input });
}

export function deleteWebhook(id: string): Promise<void> {
  return fetchJson(of(id), { method: "DELETE" });
}

/** The response contains the new signing secret, once. */
export function rotateSecret(id: string): Promise<WebhookWithSecret> {
  return fetchJson(`${of(id)}/secret`, { method: "POST" });
}

export function sendTestEvent(id: string): Promise<DeliveryDetail> {
  return fetchJson(`${of(id)}/test`, { method: "POST" });
}

export function resendDelivery(id: string, deliveryId: string): Promise<DeliveryDetail> {
  return fetchJson(`${of(id)}/deliveries/${encodeURIComponent(deliveryId)}/resend`, {
    method: "POST",
  });
}

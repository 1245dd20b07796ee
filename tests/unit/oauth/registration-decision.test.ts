import { describe, expect, test } from "vitest";
import {
  decideRegistration,
  type Registration,
  registrationMode,
} from "@/lib/oauth/registration-decision";

const documentUrl = "https://usher.example/oauth/client-metadata";
const at = new Date("2026-03-01T12:00:00Z");

const none: Registration = {
  mode: "DYNAMIC",
  clientId: "",
  issuer: null,
  redirectUri: null,
  clientSecretExpiresAt: null,
  reason: null,
  proven: false,
};
const registered: Registration = {
  ...none,
  clientId: "client-1",
  issuer: "https://as.example",
  redirectUri: "https://usher.example/oauth/callback",
  reason: "first",
  proven: true,
};
const now = {
  issuer: "https://as.example",
  mode: "DYNAMIC" as const,
  redirectUri: "https://usher.example/oauth/callback",
  clientMetadataUrl: documentUrl,
  at,
  forgotten: false,
};

describe("the way to become a client", () => {
  const server = {
    clientIdMetadataDocumentSupported: true,
    registrationEndpoint: "https://as.example/register",
    tokenEndpointAuthMethods: ["CLIENT_SECRET_BASIC", "NONE"] as const,
  };

  test("is our own document first, then registration, then a person", () => {
    expect(registrationMode(server, documentUrl)).toBe("METADATA_DOCUMENT");
    const noDocuments = { ...server, clientIdMetadataDocumentSupported: false };
    expect(registrationMode(noDocuments, documentUrl)).toBe("DYNAMIC");
    expect(registrationMode({ ...noDocuments, registrationEndpoint: null }, documentUrl)).toBe(
      "PRE_REGISTERED",
    );
  });

  test("is registration instead of a document if an admin chose that", () => {
    expect(registrationMode(server, documentUrl, "DYNAMIC")).toBe("DYNAMIC");
    const noRegistration = { ...server, registrationEndpoint: null };
    expect(registrationMode(noRegistration, documentUrl, "DYNAMIC")).toBe("METADATA_DOCUMENT");
    const noDocuments = { ...server, clientIdMetadataDocumentSupported: false };
    expect(registrationMode(noDocuments, documentUrl, "METADATA_DOCUMENT")).toBe("DYNAMIC");
  });

  test("is no document that no one could fetch, or that offers no way to authenticate", () => {
    expect(registrationMode(server, null)).toBe("DYNAMIC");
    const secretsOnly = { ...server, tokenEndpointAuthMethods: ["CLIENT_SECRET_POST"] as const };
    expect(registrationMode(secretsOnly, documentUrl)).toBe("DYNAMIC");
  });

  test("is no registration where none of our ways to authenticate is accepted", () => {
    const foreign = { ...server, tokenEndpointAuthMethods: [] };
    expect(registrationMode(foreign, documentUrl)).toBe("PRE_REGISTERED");
  });
});

describe("stored credentials", () => {
  test("are used if they belong to this issuer", () => {
    expect(decideRegistration(registered, now)).toEqual({ use: "stored" });
  });

  test.each([
    ["first", none, now],
    ["issuer_changed", registered, { ...now, issuer: "https://other.example" }],
    ["issuer_changed", registered, { ...now, issuer: "https://as.example/" }],
    ["callback_changed", registered, { ...now, redirectUri: "https://new.example/oauth/callback" }],
    ["secret_expired", { ...registered, clientSecretExpiresAt: at }, now],
    ["forgotten", registered, { ...now, forgotten: true }],
  ] as const)("are created again: %s", (reason, stored, known) => {
    expect(decideRegistration(stored, known)).toEqual({ use: "new", mode: "DYNAMIC", reason });
  });

  test("are created again in the way that the issuer now offers", () => {
    expect(
      decideRegistration(registered, {
        ...now,
        issuer: "https://other.example",
        mode: "METADATA_DOCUMENT",
      }),
    ).toEqual({ use: "new", mode: "METADATA_DOCUMENT", reason: "issuer_changed" });
  });

  test("from our document are created again when its URL changes", () => {
    const byDocument = {
      ...registered,
      mode: "METADATA_DOCUMENT" as const,
      clientId: documentUrl,
    };
    const known = { ...now, mode: "METADATA_DOCUMENT" as const };
    expect(decideRegistration(byDocument, known)).toEqual({ use: "stored" });
    const moved = { ...known, clientMetadataUrl: "https://new.example/oauth/client-metadata" };
    expect(decideRegistration(byDocument, moved)).toMatchObject({ reason: "callback_changed" });
  });

  test("created for that reason that never worked are not created a second time", () => {
    const again = { ...registered, reason: "forgotten" as const, proven: false };
    expect(decideRegistration(again, { ...now, forgotten: true })).toEqual({
      use: "none",
      reason: "forgotten_again",
    });
    const worked = { ...again, proven: true };
    expect(decideRegistration(worked, { ...now, forgotten: true })).toMatchObject({ use: "new" });
  });

  test("entered by a person go only to their issuer, and are never replaced", () => {
    const entered = { ...registered, mode: "PRE_REGISTERED" as const, reason: null };
    expect(decideRegistration(entered, { ...now, forgotten: true })).toEqual({ use: "stored" });
    expect(decideRegistration({ ...entered, issuer: null }, now)).toEqual({ use: "stored" });
    expect(decideRegistration(entered, { ...now, issuer: "https://other.example" })).toEqual({
      use: "none",
      reason: "by_hand",
    });
  });

  test("require a person if the issuer no longer registers automatically", () => {
    const known = { ...now, mode: "PRE_REGISTERED" as const };
    expect(decideRegistration(none, known)).toEqual({ use: "none", reason: "by_hand" });
    expect(decideRegistration(registered, known)).toEqual({ use: "stored" });
  });
});

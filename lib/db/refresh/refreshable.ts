import { Prisma, type StoredTokenSet } from "../generated/client";

/** Whether new tokens can be had without a person: by a refresh token, or as they were granted. */
export function isRefreshable({
  refreshTokenSealed,
  grantType,
}: {
  /** What is in it does not matter. */
  refreshTokenSealed: string | null;
  grantType: StoredTokenSet["grantType"];
}): boolean {
  return refreshTokenSealed !== null || grantType !== "AUTHORIZATION_CODE";
}

/** The same in SQL; false where an outer join found nothing. @param alias of the `StoredTokenSet` */
export function refreshableSql(alias: "c" | "t"): Prisma.Sql {
  return Prisma.raw(`(
    ${alias}."refreshTokenSealed" IS NOT NULL OR ${alias}."grantType" <> 'AUTHORIZATION_CODE') IS TRUE`);
}

-- A lease is claimed by an update that changes no indexed column. With room left on its page the row
-- stays there, and no index has to be told; pages that are full already are left as they are.
-- See docs/decisions/0032-refreshed-tokens-are-saved-together.md
ALTER TABLE "StoredTokenSet" SET (fillfactor = 70);

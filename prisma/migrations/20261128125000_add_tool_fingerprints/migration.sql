-- So that tools which nobody reviewed are found without reading what servers say of them. Lists that were read before have
-- none until they are read again.
ALTER TABLE "ToolCatalogue" ADD COLUMN "toolFingerprints" JSONB;

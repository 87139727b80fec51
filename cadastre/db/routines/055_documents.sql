-- Contents of documents are personal data, like the parties (050).
ALTER TABLE party.document_content ENABLE ROW LEVEL SECURITY;
ALTER TABLE party.document_content FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_document_content_read_when_logged ON party.document_content;
CREATE POLICY pl_document_content_read_when_logged ON party.document_content FOR SELECT
    USING ((SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_document_content_insert ON party.document_content;
CREATE POLICY pl_document_content_insert ON party.document_content FOR INSERT WITH CHECK (true);

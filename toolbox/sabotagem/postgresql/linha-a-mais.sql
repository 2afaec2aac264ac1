-- uma linha repetida em `auditoria`
INSERT INTO auditoria SELECT * FROM auditoria LIMIT 1;

-- uma linha de `auditoria` apagada
DELETE FROM auditoria WHERE ctid = (SELECT max(ctid) FROM auditoria);

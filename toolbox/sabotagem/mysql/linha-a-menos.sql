-- uma linha de `auditoria` apagada
DELETE FROM auditoria LIMIT 1;

-- uma verificação (`CHECK`) de `estoque` apagada
ALTER TABLE estoque DROP CONSTRAINT estoque_reservado_check;

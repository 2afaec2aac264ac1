-- uma verificação (`CHECK`) de `estoque` apagada
ALTER TABLE estoque DROP CHECK estoque_reservado_check;

-- um índice de `clientes` invisível
ALTER TABLE clientes ALTER INDEX clientes_nome_idx INVISIBLE;

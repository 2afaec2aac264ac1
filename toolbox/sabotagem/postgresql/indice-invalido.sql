-- um índice de `clientes` inválido
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'clientes_nome_idx'::regclass;

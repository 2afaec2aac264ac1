-- uma linha de `clientes` alterada
UPDATE clientes SET nome = nome || '!' WHERE id = (SELECT min(id) FROM clientes);

-- uma linha de `clientes` alterada
UPDATE clientes SET nome = CONCAT(nome, '!') ORDER BY id LIMIT 1;

-- a sequência de `clientes` de volta a 1
SELECT setval('clientes_id_seq', 1);

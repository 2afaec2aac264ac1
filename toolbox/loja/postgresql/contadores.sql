-- As sequências ficam 500 números à frente dos dados, como depois de inserções desfeitas: um dump que as
-- devolve a max(id) não é igual ao original.
SELECT setval('clientes_id_seq', max(id) + 500) FROM clientes;
SELECT setval('produtos_id_seq', max(id) + 500) FROM produtos;
SELECT setval('pedidos_id_seq', max(id) + 500) FROM pedidos;
SELECT setval('pagamentos_id_seq', max(id) + 500) FROM pagamentos;

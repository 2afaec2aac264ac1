-- pedidos órfãos: o cliente deles apagado
SET session_replication_role = replica;
DELETE FROM clientes WHERE id = (SELECT min(cliente_id) FROM pedidos);

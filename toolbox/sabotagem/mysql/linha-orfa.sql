-- pedidos órfãos: o cliente deles apagado
SET foreign_key_checks = 0;
DELETE FROM clientes WHERE id = (SELECT MIN(cliente_id) FROM pedidos);

-- Escrita à mão: os gatilhos e o evento agendado. O servidor precisa de log_bin_trust_function_creators, ou a conta que aplica
-- as migrations precisaria ser administradora.

-- O MySQL guarda a ordenação e o sql_mode da sessão com cada gatilho e evento, e o fuso com o evento; por isso os três são
-- fixados aqui.
SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci;
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
SET time_zone = '+00:00';

CREATE TRIGGER clientes_atualizado_em BEFORE UPDATE ON clientes
FOR EACH ROW
BEGIN
    SET NEW.atualizado_em = CURRENT_TIMESTAMP(3);
END;

CREATE TRIGGER pedidos_auditoria AFTER UPDATE ON pedidos
FOR EACH ROW
BEGIN
    INSERT INTO auditoria (momento, tabela, operacao, chave, autor, antes, depois)
    VALUES (UTC_TIMESTAMP(6), 'pedidos', 'UPDATE', OLD.id, USER(),
            JSON_OBJECT('status', OLD.status), JSON_OBJECT('status', NEW.status));
END;

-- Ativo, mas só começa em 2037: existe para que um backup sem eventos seja notado, e não muda nenhum dado antes disso.
CREATE EVENT limpar_auditoria
ON SCHEDULE EVERY 1 MONTH STARTS '2037-01-01 03:00:00'
ON COMPLETION PRESERVE ENABLE
COMMENT 'Apaga a auditoria com mais de cinco anos'
DO DELETE FROM auditoria WHERE momento < UTC_TIMESTAMP() - INTERVAL 5 YEAR;

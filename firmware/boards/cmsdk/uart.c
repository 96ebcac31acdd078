/*
 * Arm's CMSDK APB UART (DDI 0479, section 4.3), one byte per interrupt, rings on both sides.
 * Each ring has one writer and one reader, so that two free-running indices are all the locking
 * needed.
 */
#include "board.h"

typedef struct cmsdk_uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t ctrl;
    volatile uint32_t int_clear;
    volatile uint32_t baud_divider;
} cmsdk_uart;

#define UART ((cmsdk_uart *)(uintptr_t)OTO_UART_ADDRESS)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CTRL_TX_RX_WITH_INTERRUPTS 15u
#define INT_TX 1u
#define INT_RX 2u

#define NVIC_SET_ENABLE ((volatile uint32_t *)0xE000E100u)
#define NVIC_CLEAR_ENABLE ((volatile uint32_t *)0xE000E180u)

_Static_assert((OTO_UART_RX_BYTES & (OTO_UART_RX_BYTES - 1)) == 0, "ring sizes are powers of two");
_Static_assert((OTO_UART_TX_BYTES & (OTO_UART_TX_BYTES - 1)) == 0, "ring sizes are powers of two");

static uint8_t rx_ring[OTO_UART_RX_BYTES];
static uint8_t tx_ring[OTO_UART_TX_BYTES];
static volatile uint32_t rx_in, rx_out, tx_in, tx_out, overrun;

void oto_system_start(void);
void oto_system_stop(void);

void oto_board_start(void) {
    oto_system_start();
    UART->baud_divider = OTO_CLOCK_HZ / OTO_UART_BAUD;
    UART->ctrl = CTRL_TX_RX_WITH_INTERRUPTS;
    NVIC_SET_ENABLE[OTO_UART_RX_IRQ / 32u] = 1u << (OTO_UART_RX_IRQ % 32u);
    NVIC_SET_ENABLE[OTO_UART_TX_IRQ / 32u] = 1u << (OTO_UART_TX_IRQ % 32u);
}

void oto_board_stop(void) {
    oto_board_uart_flush();
    NVIC_CLEAR_ENABLE[OTO_UART_RX_IRQ / 32u] = 1u << (OTO_UART_RX_IRQ % 32u);
    NVIC_CLEAR_ENABLE[OTO_UART_TX_IRQ / 32u] = 1u << (OTO_UART_TX_IRQ % 32u);
    UART->ctrl = 0;
    UART->int_clear = INT_TX | INT_RX;
    oto_system_stop();
}

static void send_next(void) {
    while (tx_out != tx_in && (UART->state & STATE_TX_FULL) == 0) {
        UART->data = tx_ring[tx_out % OTO_UART_TX_BYTES];
        tx_out = tx_out + 1u;
    }
}

static void receive(void) {
    while ((UART->state & STATE_RX_FULL) != 0) {
        const uint8_t byte = (uint8_t)UART->data;
        if (rx_in - rx_out == OTO_UART_RX_BYTES) {
            overrun = overrun + 1u;
            continue;
        }
        rx_ring[rx_in % OTO_UART_RX_BYTES] = byte;
        rx_in = rx_in + 1u;
    }
}

void oto_board_irq(uint32_t number) {
    if (number == OTO_UART_RX_IRQ) {
        UART->int_clear = INT_RX;
        receive();
    } else if (number == OTO_UART_TX_IRQ) {
        UART->int_clear = INT_TX;
        send_next();
    }
}

uint32_t oto_board_uart_read(uint8_t *bytes, uint32_t capacity) {
    uint32_t count = 0;
    while (count < capacity && rx_out != rx_in) {
        bytes[count++] = rx_ring[rx_out % OTO_UART_RX_BYTES];
        rx_out = rx_out + 1u;
    }
    return count;
}

/* With interrupts masked a byte cannot slip in between the look and the sleep; a pending one ends
 * the sleep. */
void oto_board_idle(void) {
    __asm volatile("cpsid i" ::: "memory");
    if (rx_in == rx_out)
        __asm volatile("wfi" ::: "memory");
    __asm volatile("cpsie i" ::: "memory");
}

/* The transmit interrupt only fires after a byte has left, so an idle line is started by hand. */
static void kick(void) {
    uint32_t mask;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(mask)::"memory");
    send_next();
    __asm volatile("msr primask, %0" ::"r"(mask) : "memory");
}

/* Each byte that leaves wakes; so does the tick counter, when none does. */
static void sleep_while_full(uint32_t left) {
    __asm volatile("cpsid i" ::: "memory");
    if (tx_in - tx_out > left)
        __asm volatile("wfi" ::: "memory");
    __asm volatile("cpsie i" ::: "memory");
}

/* Waits until no more than `left` bytes are queued; false when none left for OTO_UART_STALL_MS. */
static bool drain_to(uint32_t left) {
    uint32_t seen = tx_out;
    uint32_t since = oto_board_milliseconds();
    kick();
    while (tx_in - tx_out > left) {
        sleep_while_full(left);
        if (tx_out != seen) {
            seen = tx_out;
            since = oto_board_milliseconds();
        } else if (oto_board_milliseconds() - since > OTO_UART_STALL_MS) {
            return false;
        }
    }
    return true;
}

bool oto_board_uart_write(const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        if (tx_in - tx_out == OTO_UART_TX_BYTES && !drain_to(OTO_UART_TX_BYTES - 1u))
            return false;
        tx_ring[tx_in % OTO_UART_TX_BYTES] = bytes[i];
        tx_in = tx_in + 1u;
    }
    kick();
    return true;
}

void oto_board_uart_flush(void) {
    (void)drain_to(0);
}

uint32_t oto_board_uart_received(void) {
    return rx_in + overrun;
}

uint32_t oto_board_uart_overrun(void) {
    return overrun;
}

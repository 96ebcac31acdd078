/* Known-answer test of a network: windows that are computed, and the scores that otolith's
 * reference gives for them. */
#ifndef EXAMPLE_NET_KNOWN_ANSWER_H
#define EXAMPLE_NET_KNOWN_ANSWER_H

/* 0: every score is right. Otherwise the number of the first window, from 1, whose scores are not:
 * the network was compiled wrongly, and nothing it says is to be believed. */
int example_net_known_answer(void);

#endif

/* Forks as fast as the kernel does: FORKS times, and every EACHth time its child runs this program once more, which
   then ends at once. Started by forks.rs. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 3) return 0;
    long forks = atol(words[1]), each = atol(words[2]);
    for (long made = 0; made < forks; made++) {
        pid_t child = vfork();
        if (child == 0) {
            if (made % each == 0) execl(words[0], words[0], (char *)0);
            _exit(0);
        }
        if (child > 0) waitpid(child, 0, 0);
        else made--;
    }
    return 0;
}

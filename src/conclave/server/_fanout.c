/*
 * The loop of `fanout.py` without the interpreter between two system calls: see there.
 * Built by scripts/native.py; nothing needs it.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <limits.h>
#include <sys/socket.h>

/* Where it does not exist, Python has set SIGPIPE to be ignored. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Descriptors before, and then how much each took. */
typedef Py_ssize_t Slot;

static int read_descriptors(PyObject *list, Slot *slots, Py_ssize_t count)
{
    for (Py_ssize_t at = 0; at < count; at++) {
        long fd = PyLong_AsLong(PyList_GetItem(list, at));
        if (fd == -1 && PyErr_Occurred())
            return -1;
        slots[at] = fd >= 0 && fd <= INT_MAX ? fd : -1;
    }
    return 0;
}

static void send_to_all(Slot *slots, Py_ssize_t count, const char *data, Py_ssize_t size)
{
    for (Py_ssize_t at = 0; at < count; at++) {
        ssize_t took = send((int)slots[at], data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
        slots[at] = took < 0 ? 0 : took;
    }
}

static int put(PyObject *less, Py_ssize_t at, Py_ssize_t took)
{
    PyObject *key = PyLong_FromSsize_t(at), *value = PyLong_FromSsize_t(took);
    int failed = key == NULL || value == NULL || PyDict_SetItem(less, key, value) < 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return failed;
}

static PyObject *those_below(const Slot *slots, Py_ssize_t count, Py_ssize_t size)
{
    PyObject *less = PyDict_New();
    for (Py_ssize_t at = 0; less != NULL && at < count; at++)
        if (slots[at] != size && put(less, at, slots[at]))
            Py_CLEAR(less);
    return less;
}

static PyObject *send_each(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *list, *answer = NULL;
    const char *data;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O!y#:send_each", &PyList_Type, &list, &data, &size))
        return NULL;
    Py_ssize_t count = PyList_Size(list);
    Slot *slots = PyMem_Malloc(((size_t)count + 1) * sizeof(Slot));
    if (slots == NULL)
        return PyErr_NoMemory();
    if (read_descriptors(list, slots, count) == 0) {
        Py_BEGIN_ALLOW_THREADS
        send_to_all(slots, count, data, size);
        Py_END_ALLOW_THREADS
        answer = those_below(slots, count, size);
    }
    PyMem_Free(slots);
    return answer;
}

static PyMethodDef methods[] = {
    {"send_each", send_each, METH_VARARGS, PyDoc_STR("As `conclave.server.fanout.send_each`.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot none[] = {{0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_fanout", .m_methods = methods, .m_slots = none,
};

PyMODINIT_FUNC PyInit__fanout(void)
{
    return PyModuleDef_Init(&definition);
}

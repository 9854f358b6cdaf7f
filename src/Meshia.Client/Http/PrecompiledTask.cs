#if NET
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Meshia;

/// <summary>
/// Builds the task of an asynchronous method, as .NET's own builder does. The code of that one belongs to .NET, so no image of this
/// assembly can hold it, and each process compiles twelve methods for each asynchronous method. Of this one it compiles one or two.
/// Every request passes the methods that use it, also the only one of a short script.
/// </summary>
/// <remarks>On .NET Framework the attribute on these methods means nothing.</remarks>
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls its members, which must be of the instance.")]
[SuppressMessage("Style", "IDE0060", Justification = "The compiler gives the arguments.")]
internal struct PrecompiledTask<T>
{
    private AsyncTaskMethodBuilder<T> _task;
    private RunningMethod? _method;

    public readonly Task<T> Task => Unsafe.AsRef(in _task).Task;

    public static PrecompiledTask<T> Create() => default;

    public void Start<TMethod>(ref TMethod method)
        where TMethod : IAsyncStateMachine
    {
        // This builder is a variable of the method: what it has must be there before the variables are copied.
        _ = _task.Task;
        var running = new RunningMethod<TMethod>();
        _method = running;
        running.Variables = method;
        running.Begin();
    }

    public readonly void SetStateMachine(IAsyncStateMachine method)
    {
        // Only a builder that copies the variables later needs it.
    }

    public void SetResult(T result) => _task.SetResult(result);

    public void SetException(Exception failure) => _task.SetException(failure);

    public readonly void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : INotifyCompletion
        where TMethod : IAsyncStateMachine => awaiter.OnCompleted(_method!.Suspend());

    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : ICriticalNotifyCompletion
        where TMethod : IAsyncStateMachine => awaiter.UnsafeOnCompleted(_method!.Suspend());
}

/// <summary>An asynchronous method that runs or waits.</summary>
internal abstract class RunningMethod
{
    private readonly Action _continue;
    private ExecutionContext? _context;

    protected RunningMethod() => _continue = Continue;

    /// <summary>Runs it until it waits. What it changes in the context of its caller is taken back.</summary>
    public void Begin()
    {
        var context = ExecutionContext.Capture();
        try
        {
            MoveNext();
        }
        finally
        {
            if (context is not null)
                ExecutionContext.Restore(context);
        }
    }

    /// <summary>Keeps the context while the method waits.</summary>
    /// <returns>What continues the method.</returns>
    public Action Suspend()
    {
        _context = ExecutionContext.Capture();
        return _continue;
    }

    protected abstract void MoveNext();

    private void Continue()
    {
        if (_context is { } context)
            ExecutionContext.Run(context, static method => ((RunningMethod)method!).MoveNext(), this);
        else
            MoveNext();
    }
}

/// <summary>The same with its variables.</summary>
internal sealed class RunningMethod<TMethod> : RunningMethod
    where TMethod : IAsyncStateMachine
{
    // A field: the variables are a structure, which a property would copy.
    public TMethod Variables = default!;

    protected override void MoveNext() => Variables.MoveNext();
}
#else
namespace Meshia;

/// <summary>.NET Framework compiles every method as it comes.</summary>
internal sealed class PrecompiledTask<T>;

/// <summary>Means nothing on .NET Framework.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AsyncMethodBuilderAttribute(Type builder) : Attribute
{
    public Type Builder { get; } = builder;
}
#endif

using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Objects to write. More can be added until the pipeline's thread begins to write them.</summary>
internal sealed class ObjectBatch : PipelineRequest
{
    /// <summary>Enough to make the cost of a batch small beside that of its objects.</summary>
    private const int MostObjects = 256;

    private readonly List<(object Value, DisplayText? Otherwise)> _objects;
    private readonly Action<object> _write;
    private readonly Action _isDone;
    private int _written;
    private bool _isClosed;

    /// <param name="value">The first object.</param>
    /// <param name="otherwise">What the host must show where the object is not written.</param>
    /// <param name="write">Writes an object.</param>
    /// <param name="isDone">Called when the pipeline has begun to take the objects.</param>
    public ObjectBatch(object value, DisplayText? otherwise, Action<object> write, Action isDone) =>
        (_objects, _write, _isDone) = ([(value, otherwise)], write, isDone);

    /// <summary>Adds an object, where there is room and the batch is not closed.</summary>
    public bool TryAdd(object value, DisplayText? otherwise)
    {
        lock (_objects)
        {
            if (_isClosed || _objects.Count == MostObjects)
                return false;
            _objects.Add((value, otherwise));
            return true;
        }
    }

    /// <summary>Lets no more objects in.</summary>
    public void Close()
    {
        lock (_objects)
            _isClosed = true;
    }

    public override void Do()
    {
        Close();
        _isDone();
        while (_written < _objects.Count)
        {
            try
            {
                _write(_objects[_written++].Value);
            }
            catch (PipelineStoppedException)
            {
                // Nobody took this one.
                _written--;
                throw;
            }
        }
    }

    public override IEnumerable<DisplayText> Lost()
    {
        Close();
        return _objects.Skip(_written).Select(item => item.Otherwise).OfType<DisplayText>();
    }
}

# What the interpreter is made of: the sources that CPython 3.11's own build compiles for `python`, with the modules of config.c. By folder.

LIBPYTHON3_FILES += $(addprefix Parser/,token.c pegen.c pegen_errors.c action_helpers.c parser.c string_parser.c peg_api.c myreadline.c \
	tokenizer.c)
LIBPYTHON3_FILES += $(addprefix Objects/,abstract.c accu.c boolobject.c bytes_methods.c bytearrayobject.c bytesobject.c call.c capsule.c \
	cellobject.c classobject.c codeobject.c complexobject.c descrobject.c enumobject.c exceptions.c genericaliasobject.c genobject.c \
	fileobject.c floatobject.c frameobject.c funcobject.c interpreteridobject.c iterobject.c listobject.c longobject.c dictobject.c \
	odictobject.c memoryobject.c methodobject.c moduleobject.c namespaceobject.c object.c obmalloc.c picklebufobject.c rangeobject.c \
	setobject.c sliceobject.c structseq.c tupleobject.c typeobject.c unicodeobject.c unicodectype.c unionobject.c weakrefobject.c)
LIBPYTHON3_FILES += $(addprefix Python/,_warnings.c Python-ast.c Python-tokenize.c asdl.c ast.c ast_opt.c ast_unparse.c bltinmodule.c \
	ceval.c codecs.c compile.c context.c dynamic_annotations.c errors.c frame.c frozenmain.c future.c getargs.c getcompiler.c getcopyright.c \
	getplatform.c getversion.c hamt.c hashtable.c import.c importdl.c initconfig.c marshal.c modsupport.c mysnprintf.c mystrtoul.c \
	pathconfig.c preconfig.c pyarena.c pyctype.c pyfpe.c pyhash.c pylifecycle.c pymath.c pystate.c pythonrun.c pytime.c bootstrap_hash.c \
	specialize.c structmember.c symtable.c sysmodule.c thread.c traceback.c getopt.c pystrcmp.c pystrtod.c pystrhex.c dtoa.c \
	formatter_unicode.c fileutils.c suggestions.c dynload_stub.c frozen.c)
LIBPYTHON3_FILES += $(addprefix Modules/,main.c gcmodule.c _asynciomodule.c _bisectmodule.c _contextvarsmodule.c _cryptmodule.c _csv.c \
	_datetimemodule.c _elementtree.c _heapqmodule.c _json.c _lsprof.c rotatingtree.c md5module.c _opcode.c _pickle.c _posixsubprocess.c \
	_queuemodule.c _randommodule.c sha1module.c sha256module.c sha512module.c socketmodule.c _statisticsmodule.c _struct.c _typingmodule.c \
	_zoneinfo.c arraymodule.c audioop.c binascii.c cmathmodule.c fcntlmodule.c grpmodule.c mathmodule.c mmapmodule.c pyexpat.c resource.c \
	selectmodule.c syslogmodule.c termios.c unicodedata.c zlibmodule.c atexitmodule.c faulthandler.c posixmodule.c signalmodule.c \
	_tracemalloc.c _codecsmodule.c _collectionsmodule.c errnomodule.c itertoolsmodule.c _threadmodule.c timemodule.c _weakref.c _abc.c \
	_functoolsmodule.c _localemodule.c _operator.c _stat.c symtablemodule.c pwdmodule.c xxsubtype.c getbuildinfo.c getpath.c)
LIBPYTHON3_FILES += $(addprefix Modules/_blake2/,blake2module.c blake2b_impl.c blake2s_impl.c)
LIBPYTHON3_FILES += $(addprefix Modules/cjkcodecs/,_codecs_cn.c _codecs_hk.c _codecs_iso2022.c _codecs_jp.c _codecs_kr.c _codecs_tw.c \
	multibytecodec.c)
LIBPYTHON3_FILES += $(addprefix Modules/expat/,xmlparse.c xmlrole.c xmltok.c)
LIBPYTHON3_FILES += $(addprefix Modules/_sha3/,sha3module.c)
LIBPYTHON3_FILES += $(addprefix Modules/_io/,_iomodule.c iobase.c fileio.c bytesio.c bufferedio.c textio.c stringio.c)
LIBPYTHON3_FILES += $(addprefix Modules/_sre/,sre.c)
LIBPYTHON3_FILES += $(addprefix Python/deepfreeze/,deepfreeze.c)

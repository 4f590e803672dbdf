import re
t=open("/tmp/morphology.md").read()
sp={}
for m in re.findall(r"```python\n(.*?)```",t,re.S):
    exec(m,sp); print("----")
